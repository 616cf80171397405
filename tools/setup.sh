#!/bin/sh
# Installs what a task needs and the machine lacks; says nothing and is done in a second when
# nothing is missing.
#   tools/setup.sh demo|test|develop|check
# On Debian and its kin it uses apt (as root or through sudo); elsewhere R has to be there already
# and R packages come from the configured repository.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

profile=${1:-}
case $profile in
  demo | test | develop | check) ;;
  *) die "usage: tools/setup.sh demo|test|develop|check" ;;
esac

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    return 1
  fi
}

can_apt() { have apt-get && { [ "$(id -u)" -eq 0 ] || have sudo; }; }

# apt_install PACKAGE...: those apt knows; the caller looks again at what is still missing.
apt_install() {
  can_apt || return 0
  if [ ! -e "$scratch/updated" ]; then
    as_root apt-get update -qq || say "apt-get update failed: going on with the lists at hand"
    : >"$scratch/updated"
  fi
  known=
  for package in "$@"; do
    case "$known " in *" $package "*) continue ;; esac
    if apt-cache show "$package" >/dev/null 2>&1; then known="$known $package"; fi
  done
  [ -n "$known" ] || return 0
  say "Installing with apt:$known"
  # shellcheck disable=SC2086 # a list of names
  quietly "$scratch/apt.log" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $known
}

# need COMMAND:PACKAGE...: installs the packages of the commands that are missing.
need() {
  absent=
  for pair in "$@"; do
    have "${pair%%:*}" || absent="$absent ${pair#*:}"
  done
  [ -n "$absent" ] || return 0
  # shellcheck disable=SC2086
  apt_install $absent
  for pair in "$@"; do
    have "${pair%%:*}" || die "'${pair%%:*}' is needed and could not be installed" \
      "(Debian package ${pair#*:}): install it and run this again"
  done
}

need Rscript:r-base-dev make:r-base-dev g++:r-base-dev
if [ "$profile" = check ]; then
  need qpdf:qpdf pandoc:pandoc checkbashisms:devscripts pdflatex:texlive-latex-base
  # The reference manual is set in Times, which no command betrays.
  if have dpkg-query; then
    fonts=
    for package in texlive-latex-recommended texlive-fonts-recommended; do
      dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        fonts="$fonts $package"
    done
    # shellcheck disable=SC2086
    [ -z "$fonts" ] || apt_install $fonts
  fi
  # The checks compile the same sources several times; they pass without it, only later.
  have ccache || apt_install ccache
fi

missing=$(Rscript tools/packages.R missing "$profile")
if [ -n "$missing" ] && can_apt; then
  # shellcheck disable=SC2046,SC2086 # a list of names
  apt_install $(printf 'r-cran-%s ' $missing | tr '[:upper:]' '[:lower:]')
  missing=$(Rscript tools/packages.R missing "$profile")
fi
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086
  say "Installing with R: $(printf '%s ' $missing)"
  # shellcheck disable=SC2086
  Rscript tools/packages.R install $missing
  missing=$(Rscript tools/packages.R missing "$profile")
  # shellcheck disable=SC2086
  [ -z "$missing" ] || die "R packages that could not be installed: $(printf '%s ' $missing)"
fi
