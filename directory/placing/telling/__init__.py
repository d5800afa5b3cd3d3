"""Who has to be told of a placement and its end: by when, told how and when, or why not."""
