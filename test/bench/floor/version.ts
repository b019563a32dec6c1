/** Floor of `--version`: the least that a compiled program can do. */
console.log("0.0.0");
