-- The same answers in every locale and time zone, with any settings of the session, and through a pooler.
\! sh "$PG_ABS_SRCDIR/environments.sh"
