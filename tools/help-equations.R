# From the LaTeX of a model's equations to plain text, for help in a terminal:
#   Q_a \leftarrow Q_a + \alpha (r - Q_a)    becomes    Q_a <- Q_a + alpha (r - Q_a)
# What it does not know is an error, so that no page shows half-translated LaTeX.

# Commands that become a word; blanks set it apart from letters and digits beside it.
equation_words <- c(
  "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
  "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma",
  "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega", "log", "ln", "exp", "max",
  "min", "sum", "prod", "in", "sin", "cos", "tanh"
)
equation_words <- c(stats::setNames(equation_words, equation_words), varphi = "phi",
  varepsilon = "epsilon", vartheta = "theta", infty = "Inf", ell = "l", land = "and", lor = "or",
  lnot = "not", propto = "proportional to")

# Commands that become signs, spaces or nothing.
equation_signs <- c(
  leftarrow = "<-", gets = "<-", to = "->", rightarrow = "->", le = "<=", leq = "<=", ge = ">=",
  geq = ">=", ne = "!=", neq = "!=", sim = "~", approx = "~", equiv = "=", mid = "|", lvert = "|",
  rvert = "|", vert = "|", cdot = "*", times = "*", odot = "*", circ = "*", pm = "+-",
  ldots = "...", dots = "...", cdots = "...", prime = "'", lfloor = "floor(", rfloor = ")",
  quad = "\2\2", qquad = "\2\2", `,` = " ", `;` = " ", `:` = " ", `!` = "", ` ` = " ", left = "",
  right = "", big = "", Big = "", bigl = "", bigr = "", Bigl = "", Bigr = "", displaystyle = "",
  `{` = "{", `}` = "}",
  `%` = "%", `_` = "_", `&` = "&", `|` = "|"
)

# Commands with an argument that is shown as it is, or after a change.
equation_wraps <- list(
  text = identity, mathrm = identity, mbox = identity, textrm = identity, operatorname = identity,
  mathit = identity, mathbf = identity, boldsymbol = identity, mathcal = identity,
  mathbb = identity, hat = function(x) paste0(x, "_hat"), bar = function(x) paste0(x, "_bar"),
  tilde = function(x) paste0(x, "_tilde"), sqrt = function(x) paste0("sqrt(", x, ")")
)

latex_to_text <- function(latex) {
  tokens <- regmatches(latex, gregexpr("\\\\([A-Za-z]+|.)|.", latex, perl = TRUE))[[1]]
  at <- 1L
  peek <- function() if (at > length(tokens)) "" else tokens[at]
  take <- function() {
    token <- peek()
    at <<- at + 1L
    token
  }
  spaces <- function() while (grepl("^\\s$", peek())) at <<- at + 1L
  # One argument: a group in braces or a single token.
  argument <- function() {
    spaces()
    if (peek() != "{") return(trimws(piece()))
    take()
    trimws(group("}"))
  }
  enclose <- function(x, whole = "^([A-Za-z0-9.']+|[-+*]|\\([^()]*\\))$") {
    if (grepl(whole, gsub("\1", "", x, fixed = TRUE))) x else paste0("(", x, ")")
  }
  fraction <- function(above, below) {
    if (all(grepl("^[0-9]+$", c(above, below)))) return(paste0(above, "/", below, " "))
    whole <- "^([A-Za-z0-9.'_^]+|\\([^()]*\\))$"
    paste(enclose(above, whole), "/", enclose(below, whole))
  }
  environment_text <- function() {
    name <- argument()
    if (!name %in% c("cases", "aligned", "array")) stop("environment ", name, ": ", latex)
    body <- group("\\end")
    argument()
    rows <- trimws(strsplit(body, "\n", fixed = TRUE)[[1]])
    paste0(if (name == "cases") "{ ", paste(gsub("\\s*&\\s*", "  ", rows), collapse = ";  "),
      if (name == "cases") " }")
  }
  piece <- function() {
    token <- take()
    if (token == "{") return(group("}"))
    if (token %in% c("^", "_")) return(paste0(token, enclose(argument())))
    if (!startsWith(token, "\\")) return(token)
    name <- substring(token, 2)
    if (name == "\\") return("\n")
    if (name == "begin") return(environment_text())
    if (name %in% c("frac", "tfrac", "dfrac")) {
      above <- argument()
      return(fraction(above, argument()))
    }
    if (name %in% names(equation_wraps)) return(equation_wraps[[name]](argument()))
    # The mark \1 stands where a word may need a blank beside it.
    if (name %in% names(equation_words)) return(paste0("\1", equation_words[[name]], "\1"))
    if (name %in% names(equation_signs)) return(equation_signs[[name]])
    stop("the command ", token, " has no plain text: ", latex)
  }
  group <- function(end) {
    text <- character()
    while (peek() != end) {
      if (peek() == "") stop("unbalanced: ", latex)
      text <- c(text, piece())
    }
    take()
    paste(text, collapse = "")
  }
  tokens <- c(tokens, "\3")
  text <- group("\3")
  text <- gsub("(?<=[A-Za-z0-9)'])\1+(?=[A-Za-z0-9])", " ", text, perl = TRUE)
  text <- gsub("\1", "", text, fixed = TRUE)
  # Blanks that LaTeX would not show; those of \quad stay.
  text <- gsub(" +([,;)])", "\\1", gsub("\\( +", "(", gsub(" +", " ", text)))
  trimws(gsub("\2+ *", "  ", gsub(" *\2", "\2", text)))
}
