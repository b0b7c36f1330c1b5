{ /* nothing yet: { */ }
