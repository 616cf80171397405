# Draws the picture of the README: one subject of bandit_example trial by trial, under its fit.
#   Rscript tools/readme-figure.R [file.png]     (with the package installed)

library(rescorla)

file <- commandArgs(trailingOnly = TRUE)
if (!length(file)) {
  file <- "man/figures/README-latents.png"
}
rw <- rl_fit("rw", rl_data(bandit_example), seed = 1)
ggplot2::ggsave(
  file[1], plot(rw, "latents", subject = "s13"), width = 6, height = 4.2, dpi = 150, bg = "white"
)
