-- IMMUTABLE is what a generated column asks for, and it is what makes the column cheap: the call is
-- folded into one constant when a statement starts. Nothing keeps that constant beyond the statement
-- (generated columns are prepared by the executor, not in cached plans), and a statement never spans
-- two transactions; so each row gets the id of the transaction that writes it.
CREATE FUNCTION vigil.current_transaction()
RETURNS xid8
LANGUAGE sql IMMUTABLE PARALLEL RESTRICTED
AS 'SELECT pg_catalog.pg_current_xact_id()';

COMMENT ON FUNCTION vigil.current_transaction() IS 'The id of the writing transaction, for the generated columns of the change feed and nothing else: it is called immutable so that a column can be generated from it.';
