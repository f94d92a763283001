"""Who must look at a text, and what a public text may say."""
