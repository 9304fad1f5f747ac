# The commands of this repository. `make demo` and `make test` set up all they need: make, git and some python3 do.
