// Prints the verdict of verify.go on each vector. Usage: vectors VECTORS
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"vectors/license"
)

type vector struct {
	Token, File, ProductID, Machine string
	Now                             float64
	Trusted, RevocationLists        []string
}

var vectors struct {
	Issuer                      string
	Keys                        map[string]struct{ Jwk struct{ X string } }
	LicenseTokens, LicenseFiles []vector
}

func verifierOf(v vector) license.Verifier {
	var keys []ed25519.PublicKey
	for _, name := range v.Trusted {
		key, err := base64.RawURLEncoding.DecodeString(vectors.Keys[name].Jwk.X)
		must(err)
		keys = append(keys, key)
	}
	return license.Verifier{
		Keys: license.TrustStore(keys...), Issuer: vectors.Issuer, ProductID: v.ProductID, Machine: v.Machine,
		Now: v.Now, RevocationLists: v.RevocationLists,
	}
}

func tell(status string, _ *license.Claims, err error) {
	if err != nil {
		status = err.Error()
	}
	fmt.Println(status)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	must(json.Unmarshal(text, &vectors))
	for _, v := range vectors.LicenseTokens {
		tell(verifierOf(v).Token(v.Token))
	}
	for _, v := range vectors.LicenseFiles {
		tell(verifierOf(v).File(v.File))
	}
}
