/** The provider's side of the made-up history. */
export { setUpDemoBills } from './set-up-demo-bills';
