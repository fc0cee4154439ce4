-- A sequence and not a column of vigil.feed_state: it has one row version for ever, whatever
-- transactions are open, so writers read it in constant time even while a long transaction keeps
-- every old version of feed_state alive; and setting it waits for no flush.
CREATE SEQUENCE vigil.feed_doorbell AS smallint MINVALUE 0 MAXVALUE 1 START WITH 0 NO CYCLE;

COMMENT ON SEQUENCE vigil.feed_doorbell IS 'Whether writers ring the doorbell: 1 while the reader of the change feed sleeps, else 0. Set by vigil.arm_feed().';
