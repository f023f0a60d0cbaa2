-- A grant could not pay an overdraft.
--
-- Why: the trigger inserted the entry's amount or added it to the balance; the check "balance <= 0" refuses a row with what is paid before the conflict is seen.
-- Locks: none. Backfills nothing.
CREATE OR REPLACE FUNCTION book_credit_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF NEW.account = 'lot' THEN
    UPDATE public.credit_lots SET remaining = remaining + NEW.amount WHERE tenant_id = NEW.tenant_id AND id = NEW.lot_id AND customer_id = NEW.customer_id;
    IF NOT FOUND THEN RAISE EXCEPTION 'There is no lot % of this customer.', NEW.lot_id USING ERRCODE = 'foreign_key_violation'; END IF;
  ELSIF NEW.account = 'overdraft' THEN
    INSERT INTO public.credit_overdrafts (tenant_id, customer_id, balance) VALUES (NEW.tenant_id, NEW.customer_id, 0) ON CONFLICT (tenant_id, customer_id) DO NOTHING;
    UPDATE public.credit_overdrafts SET balance = balance + NEW.amount WHERE tenant_id = NEW.tenant_id AND customer_id = NEW.customer_id;
  END IF;
  RETURN NULL;
END $$;
