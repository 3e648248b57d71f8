// Package archtest holds what no single package can hold: who may import whom, what a program links that imports one of
// our packages, what our public API is, and that the README's code is code that runs. It consists of tests.
//
// After a change that is meant, write the lists in testdata anew and look at their diff:
//
//	go test ./internal/archtest -update
package archtest
