DROP FUNCTION dyntables.run_caged(text);
