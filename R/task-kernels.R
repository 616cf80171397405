# Compiled tasks: those that come with the package, and those a user wrote, compiled once like models.

task_kernels <- function(task, level, call) {
  key <- paste0("task:", task$id %||% task_hash(task), ":", level)
  known <- kernel_cache[[key]]
  if (!is.null(known) && cpp_pointer_alive(known)) return(known)
  kernels <- if (!is.null(task$id)) cpp_ready_task(task$id, level)
  if (is.null(kernels)) {
    symbol <- paste0("task_", task_hash(task))
    kernels <- compile_program(list(
      title = task$name, what = "task", symbol = symbol, source = generate_task_cpp(task$program, symbol),
      table = "task_table", entry = "rescorla_task", kernels = "task_kernels", load = cpp_library_task
    ), level, call)
  }
  assign(key, kernels, envir = kernel_cache)
  kernels
}

task_hash <- function(task) program_hash(task$program, generate_task_cpp)

# Model and task at one instruction set. What comes compiled with the package may be there for a
# narrower one than the machine has; both then run at that.
joined_kernels <- function(model, task, level, call) {
  repeat {
    kernels <- model_kernels(model, level, call)
    world <- task_kernels(task, level, call)
    if (cpp_kernel_lanes(kernels) == cpp_task_lanes(world) || level == 0L) break
    level <- level - 1L
  }
  list(model = kernels, task = world)
}
