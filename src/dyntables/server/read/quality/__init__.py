"""What the API shows of rules of quality: no more than the role of a person may see."""
