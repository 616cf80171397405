library(testthat)
library(rescorla)

test_check("rescorla")
