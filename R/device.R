# Programs and data on a device: the GPU, or the host standing in for one ("host", for tests).
#
# Kernels of the leading models come compiled with the package where it was built with CUDA. All
# others are compiled on first use from the same generated C++, by NVRTC for a GPU and by R's compiler
# for the host, with all that is known of the data's shape as constants; the cache of compiled models
# keeps them.

device_tasks <- c("value", "gradient", "information", "trace", "fit")

# Which kernels are compiled together: all that one call may need, and not more.
device_groups <- list(
  score = c("value", "gradient", "information"),
  simulate = "trace",
  fit = "fit"
)

# What `bound` has to carry for a device to do the work: the program's kernels and the data.
# `purpose` is a name of device_groups.
on_device <- function(bound, model, purpose, backend, single = FALSE, every = needs_every(model),
                      call = rlang::caller_env()) {
  if (backend == "cpu") return(bound)
  module <- device_kernels(model, bound, purpose, backend, single, every, call)
  bound$bound$device <- list(module = module,
    store = device_data(bound$packed, backend, call))
  bound
}

# The data on a device: once for a set of packed data, as long as these are kept.
device_data <- function(packed, backend, call = rlang::caller_env()) {
  budget <- device_budget(call)
  kept <- attr(packed, "device")
  if (is.null(kept)) {
    kept <- new.env(parent = emptyenv())
    attr(packed, "device") <- kept
  }
  key <- paste0(backend, ":", format(budget, digits = 17))
  known <- kept[[key]]
  if (is.null(known) || !cpp_pointer_alive(known)) {
    known <- with_room(
      function() cpp_device_store(backend, packed, budget, default_threads()),
      function(store) budget > 0 || cpp_device_parts(store) == 1L
    )
    assign(key, known, envir = kept)
  }
  known
}

# R does not know of the device's memory, and so sees no need to collect what holds it: data nobody
# uses any more go first where these do not fit in beside them.
with_room <- function(make, fits) {
  store <- tryCatch(make(), rescorla_error_backend = function(e) NULL)
  if (!is.null(store) && fits(store)) return(store)
  store <- NULL
  gc(verbose = FALSE)
  make()
}

# Bytes of the device's memory for data, or for a simulation; 0: what is free.
device_budget <- function(call = rlang::caller_env()) {
  chosen <- getOption("rescorla.device_memory", 0)
  if (is_number(chosen) && chosen >= 0) return(min(ceiling(chosen), 2^53))
  rescorla_abort(c("Option `rescorla.device_memory` must be a number of bytes, or 0 for what is free.",
    x = "It is {describe_value(chosen)}."), "backend", call = call)
}

device_kernels <- function(model, bound, purpose, backend, single, every, call) {
  shape <- bound$bound[c("extents", "labels", "number_base", "flush")]
  known <- if (backend == "cuda" && !single && !every) ahead_kernels(model, shape, purpose)
  if (!is.null(known)) return(known)
  key <- paste("device", backend, purpose, single, every, model_hash(model), rlang::hash(shape))
  known <- kernel_cache[[key]]
  if (!is.null(known) && cpp_pointer_alive(known)) return(known)
  source <- device_source(model, shape, purpose, single, every)
  module <- if (backend == "host") host_module(model, source, purpose, call) else
    cuda_module(model, source, purpose, call)
  assign(key, module, envir = kernel_cache)
  module
}

# Compiled with the package: the leading models, for their default free parameters. Fits there are
# for any number of actions, and faster where NVRTC compiles them for the one the data have.
ahead_kernels <- function(model, shape, purpose) {
  if (is.null(model$id) || length(shape$extents) != 1L) return(NULL)
  if (purpose == "fit" && !is.na(rl_backend()$cuda$nvrtc)) return(NULL)
  actions <- if (purpose == "fit" || !shape$extents %in% 2:8) 0L else shape$extents
  key <- paste("ahead", model$id, actions)
  known <- kernel_cache[[key]]
  if (!is.null(known) && cpp_pointer_alive(known)) return(known)
  known <- cpp_cuda_ahead(model$id, actions)
  if (!is.null(known)) assign(key, known, envir = kernel_cache)
  known
}

# The C++ of a module: the model, its shape as constants, and the kernels over both.
device_source <- function(model, shape, purpose, single, every) {
  symbol <- paste0("model_", model_hash(model))
  qualified <- paste0("rescorla::", symbol)
  directions <- paste0(qualified, if (every) "::every" else "::estimated")
  entry <- switch(purpose,
    score = paste0("RESCORLA_SCORE_KERNELS(", qualified, ", rescorla::shape, ", directions, ")"),
    simulate = paste0("RESCORLA_SIMULATE_KERNEL(", qualified, ", rescorla::shape)"),
    fit = paste0("RESCORLA_FIT_KERNEL(", qualified, ", rescorla::shape, ", directions, ")")
  )
  header <- switch(purpose, score = "backend/device_entry.hpp",
    simulate = "backend/device_simulate.hpp", fit = "inference/device_entry_fit.hpp")
  c(
    "#ifndef RESCORLA_DEVICE", "#define RESCORLA_DEVICE 1", "#endif",
    if (single) "#define RESCORLA_SINGLE 1",
    generate_cpp(model$program, symbol),
    paste0("#include <rescorla/", header, ">"),
    "", device_shape(shape), "", entry
  )
}

device_shape <- function(shape) {
  values <- function(x) paste0("{", paste(if (length(x)) x else 0L, collapse = ", "), "}")
  size <- function(x) max(length(x), 1L)
  extents <- shape$extents
  c(
    "RESCORLA_BEGIN",
    "struct shape {",
    paste0("  static constexpr int levels = ", if (length(extents)) extents[1] else 0L, ";"),
    "  static constexpr bool sized = true;",
    "  static constexpr RESCORLA_INLINE int extent(int dimension) {",
    paste0("    return ", paste0("dimension == ", seq_along(extents) - 1L, " ? ", extents, " : ",
      collapse = "", recycle0 = TRUE), "0;"),
    "  }",
    "  struct constants {",
    paste0("    int extents[", size(extents), "];"),
    paste0("    int labels[", size(shape$labels), "];"),
    paste0("    int number_base[", size(shape$number_base), "];"),
    "  };",
    "  RESCORLA_INLINE static binding bind(constants& known, const binding&) {",
    paste0("    known = {", values(extents), ", ", values(shape$labels), ", ",
      values(shape$number_base), "};"),
    paste0("    return {known.extents, known.labels, known.number_base, ", shape$flush, "};"),
    "  }",
    "};",
    "RESCORLA_END"
  )
}

# The host in place of a device: a library with one function a kernel.
host_module <- function(model, source, purpose, call) {
  tasks <- device_groups[[purpose]]
  compile_program(list(
    title = model$name, what = "model", source = source, plain = TRUE,
    entry = paste0("rescorla_", tasks),
    load = function(symbols) {
      all <- stats::setNames(vector("list", length(device_tasks)), device_tasks)
      all[tasks] <- symbols
      cpp_host_module(unname(all), TRUE)
    }
  ), 0L, call)
}

# --- by NVRTC -----------------------------------------------------------------------------------

cuda_module <- function(model, source, purpose, call) {
  capability <- rl_backend()$cuda$capability
  image <- cuda_image(model$name, source, paste0("sm_", sub(".", "", capability, fixed = TRUE)), call)
  tasks <- device_groups[[purpose]]
  cpp_cuda_module(image, ifelse(device_tasks %in% tasks, paste0("rescorla_", device_tasks), ""), TRUE)
}

# Machine code of a source for an architecture, from the cache or compiled into it.
cuda_image <- function(title, source, architecture, call) {
  key <- substr(rlang::hash(list(source, architecture, rl_backend()$cuda$nvrtc, build_facts())), 1, 24)
  folder <- cache_folder()
  file <- file.path(folder, paste0("rescorla_", key, ".cubin"))
  if (file.exists(file) && file.size(file) > 0) {
    Sys.setFileTime(file, Sys.time())
    return(readBin(file, "raw", file.size(file)))
  }
  include <- normalizePath(system.file("include", package = "rescorla"), winslash = "/")
  rescorla_inform("Compiling {.val {title}} for the GPU (once; later sessions find it in the cache).")
  made <- cpp_cuda_compile(paste(source, collapse = "\n"), "model.cu",
    # What is not marked, such as a lambda, is for the device.
    c("--std=c++17", paste0("--gpu-architecture=", architecture), paste0("-I", include),
      "--device-as-default-execution-space"))
  if (made$code != 0) {
    first <- grep("error", strsplit(made$log, "\n")[[1]], value = TRUE)
    rescorla_abort(c(
      "{.val {title}} could not be compiled for the GPU.",
      x = "{escape_braces(made$message)}",
      x = if (length(first)) "{escape_braces(first[1])}",
      i = "{.code backend = \"cpu\"} computes the same on the processor."
    ), "compile", call = call, log = made$log)
  }
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  partial <- tempfile("partial_", folder)
  written <- tryCatch({
    writeBin(made$image, partial)
    file.rename(partial, file)
  }, error = function(e) FALSE, warning = function(w) FALSE)
  if (written) prune_cache(folder, keep = file) else unlink(partial)
  made$image
}
