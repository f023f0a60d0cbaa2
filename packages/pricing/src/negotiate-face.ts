/** What the api needs to change a team's prices. Apart from the index, because it needs people and their audit log, and pricing a usage needs neither. */
export {
  approveTenantPrice, declineTenantPrice, listWaitingPrices, planTenantPrice, recordTenantPrice, type PriceApproval, type PricePlan, type PriceVerdict,
} from './record-tenant-prices';
export type { NegotiatedPrice } from './negotiated-price';
export { rowsInForce } from './rows-in-force';
