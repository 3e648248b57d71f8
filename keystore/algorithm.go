package keystore

import "slices"

// algorithms are the signing algorithms of format v1, by their names in JOSE. There are no others: a file with a new
// one needs readers that know what its public half means.
var algorithms = []string{"EdDSA", "ES256", "RS256"}

func isAlgorithm(name string) bool { return slices.Contains(algorithms, name) }
