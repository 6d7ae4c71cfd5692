# A handler whose workers never start.
raise RuntimeError("this model cannot be loaded")
