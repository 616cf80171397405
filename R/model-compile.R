# From C++ to a loaded, cached library.
#
# A model its user wrote is compiled once for each instruction set it is used at, into the user's
# cache directory, under a key of everything the result depends on. The library exports one
# function, which gives the same table of kernels as a catalogue model has.

kernel_cache <- new.env(parent = emptyenv())

# The kernels of a model at an instruction set: an external pointer.
model_kernels <- function(model, level = active_level(), call = rlang::caller_env()) {
  every <- needs_every(model)
  key <- paste0(if (is.null(model$id)) model_hash(model) else model$id, ":", level, ":", every)
  known <- kernel_cache[[key]]
  if (!is.null(known) && cpp_pointer_alive(known)) return(known)
  kernels <- if (!is.null(model$id)) cpp_catalogue_kernels(model$id, level, every)
  if (is.null(kernels)) kernels <- compile_model(model, level, call)
  assign(key, kernels, envir = kernel_cache)
  kernels
}

model_hash <- function(model) program_hash(model$program, generate_cpp)

# Kept by program: the C++ is not made anew for every evaluation.
program_hash <- function(program, generate) {
  key <- paste0("hash:", rlang::hash(program))
  known <- kernel_cache[[key]]
  if (is.null(known)) {
    known <- substr(rlang::hash(generate(program)), 1, 16)
    assign(key, known, envir = kernel_cache)
  }
  known
}

compile_model <- function(model, level, call) {
  symbol <- paste0("model_", model_hash(model))
  compile_program(list(
    title = model$name, what = "model", symbol = symbol, source = generate_cpp(model$program, symbol),
    table = "kernel_table", entry = "rescorla_kernels", kernels = "kernels",
    load = cpp_library_kernels
  ), level, call)
}

# `unit`: a program's title, what it is, its C++ and the struct's name, and how its library is entered:
# by a function that gives a table, or, where its C++ is all there is to it (`plain`), by several.
compile_program <- function(unit, level, call) {
  key <- substr(rlang::hash(list(unit$source, level, build_facts())), 1, 24)
  folder <- cache_folder()
  file <- file.path(folder, paste0("rescorla_", key, .Platform$dynlib.ext))
  if (file.exists(file)) {
    kernels <- load_library(file, unit)
    if (!is.null(kernels)) {
      Sys.setFileTime(file, Sys.time())
      return(kernels)
    }
    unlink(file)
  }
  built <- build_library(unit, level, key, call)
  on.exit(unlink(dirname(built), recursive = TRUE))
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  # Written beside its place and renamed: workers that compile the same model at once all end with
  # a whole file.
  partial <- tempfile("partial_", folder, .Platform$dynlib.ext)
  if (suppressWarnings(file.copy(built, partial) && file.rename(partial, file))) {
    prune_cache(folder, keep = file)
  } else {
    # A cache that cannot be written must not keep a model from running.
    unlink(partial)
    file <- file.path(tempdir(), basename(file))
    file.copy(built, file, overwrite = TRUE)
  }
  kernels <- load_library(file, unit)
  if (is.null(kernels)) {
    rescorla_abort(c(
      "The compiled {unit$what} {.val {unit$title}} could not be loaded.",
      i = "Clear the cache with `rl_cache(clear = TRUE)` and try again."
    ), "compile", call = call)
  }
  kernels
}

load_library <- function(file, unit) {
  tryCatch({
    library <- dyn.load(file, local = TRUE)
    at <- lapply(unit$entry, function(name) getNativeSymbolInfo(name, library)$address)
    unit$load(if (isTRUE(unit$plain)) at else at[[1]])
  }, error = function(e) NULL)
}

build_library <- function(unit, level, key, call) {
  folder <- tempfile("rescorla_build_")
  dir.create(folder)
  name <- paste0("rescorla_", key)
  writeLines(if (isTRUE(unit$plain)) unit$source else {
    writeLines(unit$source, file.path(folder, "model.hpp"))
    c(
      paste0("#define RESCORLA_LEVEL ", level),
      "#include \"model.hpp\"",
      "",
      paste0("extern \"C\" const rescorla::", unit$table, "* ", unit$entry, "() {"),
      paste0("  return rescorla::", unit$kernels, "<rescorla::", unit$symbol, ">::table();"),
      "}",
      "",
      "#include <rescorla/core/end.hpp>"
    )
  }, file.path(folder, paste0(name, ".cpp")))
  include <- normalizePath(system.file("include", package = "rescorla"), winslash = "/")
  writeLines(c("CXX_STD = CXX17", paste0("PKG_CPPFLAGS = -I\"", include, "\" -I.")),
    file.path(folder, "Makevars"))
  rescorla_inform("Compiling {.val {unit$title}} (once; later sessions find it in the cache).")
  log <- run_shlib(folder, name)
  library <- file.path(folder, paste0(name, .Platform$dynlib.ext))
  if (!file.exists(library)) {
    first <- grep("error", log, ignore.case = TRUE, value = TRUE)
    shown <- utils::head(if (length(first)) first else log, 3)
    unlink(folder, recursive = TRUE)
    rescorla_abort(c(
      "The {unit$what} {.val {unit$title}} could not be compiled.",
      x = "{escape_braces(paste(shown, collapse = ' '))}",
      i = "A C++17 compiler is needed: `R CMD config CXX17` shows which one R would use."
    ), "compile", call = call, log = log)
  }
  library
}

run_shlib <- function(folder, name) {
  r <- file.path(R.home("bin"), if (.Platform$OS.type == "windows") "R.exe" else "R")
  old <- setwd(folder)
  on.exit(setwd(old))
  suppressWarnings(system2(r,
    c("CMD", "SHLIB", "-o", shQuote(paste0(name, .Platform$dynlib.ext)), paste0(name, ".cpp")),
    stdout = TRUE, stderr = TRUE,
    # Settings of an outer build (R CMD check, make -j) are not this one's.
    env = c("MAKEFLAGS=", "R_TESTS=", "PKG_LIBS=", "PKG_CXXFLAGS=")))
}

# Everything besides the source that decides what comes out of the compiler.
build_facts <- function() {
  # The user's flags may change within a session.
  flags <- Sys.getenv("R_MAKEVARS_USER")
  if (is.null(kernel_cache$facts) || !identical(kernel_cache$facts_for, flags)) {
    kernel_cache$facts_for <- flags
    include <- system.file("include", package = "rescorla")
    files <- c(
      list.files(include, recursive = TRUE, full.names = TRUE),
      file.path(R.home("etc"), "Makeconf"),
      Sys.glob(c("~/.R/Makevars*", flags))
    )
    kernel_cache$facts <- list(
      # In an order that is the same in all locales.
      unname(tools::md5sum(sort(files[file.exists(files)], method = "radix"))),
      cpp_kernel_interface(),
      R.version.string, R.version$platform,
      compiler_version()
    )
  }
  kernel_cache$facts
}

compiler_version <- function() {
  conf <- readLines(file.path(R.home("etc"), "Makeconf"), warn = FALSE)
  line <- grep("^CXX17 *=", conf, value = TRUE)
  compiler <- strsplit(trimws(sub("^CXX17 *=", "", line[1])), " +")[[1]][1]
  tryCatch(suppressWarnings(system2(compiler, "--version", stdout = TRUE, stderr = TRUE)[1]),
    error = function(e) compiler)
}

# --- the cache ----------------------------------------------------------------------------------

cache_folder <- function() {
  chosen <- getOption("rescorla.cache")
  if (!is.null(chosen)) return(chosen)
  if (nzchar(Sys.getenv("_R_CHECK_PACKAGE_NAME_"))) return(file.path(tempdir(), "rescorla-cache"))
  tools::R_user_dir("rescorla", "cache")
}

cached_libraries <- function(folder = cache_folder()) {
  files <- list.files(folder, pattern = "^rescorla_", full.names = TRUE)
  info <- file.info(files)
  data.frame(file = files, size = info$size, used = info$mtime, stringsAsFactors = FALSE)
}

# The least recently used go first; what is loaded stays loaded.
prune_cache <- function(folder, keep, limit = getOption("rescorla.cache_size", 2e8)) {
  files <- cached_libraries(folder)
  files <- files[order(files$used, decreasing = TRUE), ]
  files <- files[files$file != keep, ]
  over <- cumsum(files$size) + file.size(keep) > limit
  unlink(files$file[over])
}

#' The cache of compiled models
#'
#' A model you write is compiled on first use and kept in the user cache directory
#' (`tools::R_user_dir("rescorla", "cache")`, or the option `rescorla.cache`), found again by its
#' content. The cache is bounded (option `rescorla.cache_size`, in bytes, default 200 MB): the
#' least recently used go first.
#'
#' @param clear Empty the cache? Models already loaded keep working in this session.
#' @return A data frame with a row for each library: `file`, `size` (bytes), `used` (when last).
#' @examples
#' rl_cache()
#' @export
rl_cache <- function(clear = FALSE) {
  check_flag(clear)
  folder <- cache_folder()
  files <- cached_libraries(folder)
  if (clear) {
    unlink(files$file)
    rescorla_inform("Removed {nrow(files)} compiled model{?s} from {.file {folder}}.")
    return(invisible(files))
  }
  structure(files, class = c("rl_cache", "data.frame"), folder = folder)
}

#' @export
print.rl_cache <- function(x, ...) {
  cli::cat_line("Compiled models in ", attr(x, "folder"))
  cli::cat_line("  ", nrow(x), if (nrow(x) == 1) " library, " else " libraries, ",
    format(structure(sum(x$size), class = "object_size"), units = "auto"))
  cli::cat_line(cli::col_grey("Next: rl_cache(clear = TRUE) empties it"))
  invisible(x)
}
