"""What a dynamic table is made of, as plain values; ``model.DynamicTable`` has one of each."""
