"""Breaking the glass: a record opened in an emergency by who may not, and the review of that."""
