# Data in chunks, with what may go wrong at the seams: a cue and an action that only some chunks have, missed
# trials, text and numbers in one column, unequal lengths.
chunked_frame <- function() {
  once("chunked frame", {
    frame <- as.data.frame(fit_frame())
    frame$cue <- ifelse(frame$subject %in% c("s6", "s5"), "north", ifelse(frame$trial %% 2 == 1, "east",
      "south"))
    frame$subject <- c(s6 = "9", s5 = "10", s4 = "4", s3 = "x", s2 = "2", s1 = "1")[
      as.character(frame$subject)]
    frame <- frame[!(frame$subject == "4" & frame$block == 2 & frame$trial > 30), ]
    frame$site <- ifelse(frame$subject %in% c("9", "10"), "a", "b")
    frame$age <- 20 + match(frame$subject, unique(frame$subject))
    rownames(frame) <- NULL
    structure(frame, rescorla_roles = NULL, n_actions = NULL)
  })
}

chunk_groups <- list(c("9", "10"), "4", c("x", "2", "1"))

chunk_frames <- function(frame = chunked_frame()) {
  lapply(chunk_groups, \(ids) {
    part <- frame[frame$subject %in% ids, ]
    rownames(part) <- NULL
    part
  })
}

# One file of each kind.
chunk_folder <- function(env = parent.frame()) {
  dir <- withr::local_tempdir(.local_envir = env)
  parts <- chunk_frames()
  write.csv(parts[[1]], file.path(dir, "A.csv"), row.names = FALSE)
  con <- gzfile(file.path(dir, "b.tsv.gz"), "w")
  write.table(parts[[2]], con, sep = "\t", row.names = FALSE, na = "n/a")
  close(con)
  saveRDS(parts[[3]], file.path(dir, "c.rds"))
  writeLines("notes", file.path(dir, "README.md"))
  dir
}
