"""What a refresh will do and in which way, by what is owed and what it cost before."""
