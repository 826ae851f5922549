DROP FUNCTION dyntables.protect(oid);
DROP FUNCTION dyntables.refuse_write() CASCADE;
