"""From what people say, ids and titles, to rows; the only place where recommending meets ids."""
