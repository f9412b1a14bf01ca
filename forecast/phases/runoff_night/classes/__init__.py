"""Classes of ballots on a runoff's night: late, provisional or contested ones, known apart or in doubt."""
