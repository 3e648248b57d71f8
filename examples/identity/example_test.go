package main

func Example() {
	main()
	// Output:
	// a new token: it is global:default:web
	// signed by the next key: it is global:default:worker
	// signed before: it is global:default:web
	// its key is compromised: refused, since the issuer does not publish its key
	// the other key is not: it is global:default:web
}
