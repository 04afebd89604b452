//! The `claimsc` program; see `claimsc::cli`.

fn main() -> std::process::ExitCode {
    claimsc::cli::main()
}
