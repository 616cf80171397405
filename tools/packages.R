# What the set-up asks R, one verb a call:
#   missing demo|test|develop|check   R packages that are absent or too old (read from DESCRIPTION)
#   install NAME...                   installs R packages from the configured repository
#   library                           the library to install into

dependencies <- function(fields) {
  text <- read.dcf("DESCRIPTION", fields = fields)
  text <- trimws(unlist(strsplit(text[!is.na(text)], ",")))
  name <- sub("[[:space:]]*\\(.*$", "", text)
  version <- ifelse(grepl(">=", text), sub("^.*>=[[:space:]]*([0-9.-]+).*$", "\\1", text), "0")
  found <- data.frame(name = name, version = version)
  found[name != "R" & !duplicated(name), ]
}

needed <- function(profile) {
  always <- dependencies(c("Imports", "LinkingTo"))
  suggested <- dependencies("Suggests")
  documenting <- data.frame(name = "roxygen2", version = "0")
  # Vignettes are built by the check only; their tools are large.
  light <- subset(suggested, !name %in% c("knitr", "rmarkdown"))
  switch(
    profile,
    demo = rbind(always, subset(suggested, name == "ggplot2")),
    test = rbind(always, light),
    develop = rbind(always, light, documenting),
    check = rbind(always, suggested, documenting),
    stop("unknown profile: ", profile)
  )
}

is_present <- function(name, version) {
  nzchar(system.file(package = name)) && utils::packageVersion(name) >= version
}

writable_library <- function() {
  for (path in .libPaths()) {
    if (file.access(path, mode = 2) == 0) {
      return(path)
    }
  }
  path <- strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep, fixed = TRUE)[[1]][1]
  if (is.na(path)) {
    stop("no library can be written to: set R_LIBS_USER")
  }
  dir.create(path, recursive = TRUE, showWarnings = FALSE)
  path
}

install <- function(names) {
  repos <- getOption("repos")
  if (is.null(repos) || any(repos %in% c("", "@CRAN@"))) {
    utils::chooseCRANmirror(ind = 1)
    repos <- getOption("repos")
  }
  utils::install.packages(names, lib = writable_library(), repos = repos, quiet = TRUE)
}

arguments <- commandArgs(trailingOnly = TRUE)
switch(
  arguments[1],
  missing = {
    packages <- needed(arguments[2])
    present <- mapply(is_present, packages$name, packages$version)
    writeLines(packages$name[!present])
  },
  install = install(arguments[-1]),
  library = cat(writable_library(), "\n", sep = ""),
  stop("unknown verb: ", arguments[1])
)
