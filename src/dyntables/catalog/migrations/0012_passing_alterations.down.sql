DROP EVENT TRIGGER IF EXISTS dyntables_note_alteration;
DROP FUNCTION dyntables.on_alter_table();
