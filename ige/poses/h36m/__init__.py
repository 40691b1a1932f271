"""Human3.6M, from the files that its users are given: one set of clips and cameras, three layouts."""
