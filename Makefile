# `make help` lists what there is. `make demo` and `make test` set up a fresh machine by themselves.

DATA =
ARGS =
FILTER =

.PHONY: help demo test install check document generate bench clean

help:
	@echo 'make demo [DATA=file.csv]   fit two models to a data set, compare them and draw a picture'
	@echo '                            (ARGS="--choice=response --block=run" names columns)'
	@echo 'make test [FILTER=name]     run the tests'
	@echo 'make install                install the package into your R library'
	@echo 'make check                  R CMD check --as-cran on the built package'
	@echo 'make generate               write the compiled catalogue (src/models) from inst/models'
	@echo 'make document               write the help pages, NAMESPACE and Rcpp exports'
	@echo 'make bench                  compare speeds with other software'
	@echo 'make clean                  remove what the others leave behind'

demo:
	@sh tools/setup.sh demo
	@sh tools/install.sh
	@Rscript tools/demo.R $(if $(DATA),'$(DATA)') $(ARGS)

test:
	@sh tools/setup.sh test
	@sh tools/test.sh '$(FILTER)'

install:
	@sh tools/setup.sh demo
	@sh tools/install.sh

check:
	@sh tools/setup.sh check
	@sh tools/check-package.sh

generate:
	@sh tools/setup.sh develop
	@Rscript tools/generate-catalogue.R

document:
	@sh tools/setup.sh develop
	@Rscript tools/document.R
	@Rscript tools/generate-help.R

bench: install
	@sh bench/setup.sh || echo 'without the Python peers'
	@Rscript bench/run.R $(ARGS)

clean:
	@sh cleanup
	@rm -rf rescorla.Rcheck rescorla_*.tar.gz rescorla-demo.png
