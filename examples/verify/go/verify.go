// Package license verifies keyslot license tokens and .lic files offline, by the standard library alone.
package license

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

const skew = 300 // seconds that clocks may be apart

var base64url = base64.RawURLEncoding.Strict()

// Claims are those of a license token that matter to a verifier.
type Claims struct {
	Iss, Aud, ProductID, Sub, Key, Machine, Type, Lid string
	Iat, Nbf, Exp, Stamp                              float64
	Cnf                                               json.RawMessage
	License                                           *struct {
		ExpiresAt    *string
		GraceSeconds *float64
		Entitlements []string
	}
}

// Verifier is what the app knows. Now is in Unix seconds.
type Verifier struct {
	Keys                       map[string]ed25519.PublicKey
	Issuer, ProductID, Machine string
	Now                        float64
	RevocationLists            []string
}

// TrustStore gives the pinned keys (32 bytes each) by their kid, which is computed and never read from a JWK.
func TrustStore(keys ...ed25519.PublicKey) map[string]ed25519.PublicKey {
	store := map[string]ed25519.PublicKey{}
	for _, key := range keys {
		spki := append([]byte("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"), key...)
		sum := sha256.Sum256(spki)
		store[base64url.EncodeToString(sum[:])] = key
	}
	return store
}

// Token returns "valid" or "grace", and the claims. The text of an error is the code of why not.
func (v Verifier) Token(token string) (string, *Claims, error) {
	payload, err := v.open(token, "JWT")
	if err != nil {
		return "", nil, err
	}
	var c Claims
	if json.Unmarshal(payload, &c) != nil || c.License == nil || c.License.GraceSeconds == nil ||
		c.Iss != v.Issuer || c.Type != "offline" || c.Key == "" || c.Sub != c.Key || c.Machine == "" ||
		c.Lid == "" || c.Stamp == 0 || c.Iat == 0 || c.Nbf == 0 || c.Exp == 0 {
		return "", nil, errors.New("TOKEN_CLAIMS")
	}
	if c.Aud != v.ProductID || c.ProductID != v.ProductID {
		return "", nil, errors.New("TOKEN_WRONG_PRODUCT")
	}
	if c.Machine != v.Machine || c.Cnf != nil { // cnf: good only with a key that the client kit holds
		return "", nil, errors.New("TOKEN_WRONG_HOST")
	}
	if v.revoked(&c) {
		return "", nil, errors.New("REVOKED")
	}
	if v.Now+skew < c.Iat || v.Now+skew < c.Nbf {
		return "", nil, errors.New("TOKEN_NOT_YET_VALID")
	}
	if v.Now-skew < c.Exp {
		return "valid", &c, nil
	}
	inGrace := v.Now < c.Exp+*c.License.GraceSeconds
	if end := c.License.ExpiresAt; end != nil && !strings.HasPrefix(*end, "+") { // +: a year above 9999
		at, err := time.Parse(time.RFC3339, *end)
		inGrace = inGrace && err == nil && v.Now < float64(at.UnixMilli())/1000
	}
	if inGrace {
		return "grace", &c, nil
	}
	return "", nil, errors.New("TOKEN_EXPIRED")
}

// File does the same with the text of a .lic file.
func (v Verifier) File(text string) (string, *Claims, error) {
	var file struct{ LicenseToken, SignedKey *string }
	if json.Unmarshal([]byte(text), &file) != nil || file.LicenseToken == nil || file.SignedKey == nil {
		return "", nil, errors.New("LICENSE_FILE_MALFORMED")
	}
	status, claims, err := v.Token(*file.LicenseToken)
	if err == nil && claims.Key != *file.SignedKey {
		return "", nil, errors.New("LICENSE_FILE_MALFORMED")
	}
	return status, claims, err
}

// open gives the payload of a compact JWS, a JSON object, once a trusted key has signed it.
func (v Verifier) open(text, typ string) ([]byte, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || strings.ContainsAny(text, "\r\n") { // which the decoder would skip
		return nil, errors.New("TOKEN_MALFORMED")
	}
	head, err1 := base64url.DecodeString(parts[0])
	payload, err2 := base64url.DecodeString(parts[1])
	signature, err3 := base64url.DecodeString(parts[2])
	var header struct {
		Alg, Kid, Typ string
		Crit          json.RawMessage
	}
	if err1 != nil || err2 != nil || err3 != nil || json.Unmarshal(head, &header) != nil || header.Crit != nil {
		return nil, errors.New("TOKEN_MALFORMED")
	}
	key, known := v.Keys[header.Kid]
	switch {
	case header.Alg != "EdDSA":
		return nil, errors.New("TOKEN_ALGORITHM")
	case !known:
		return nil, errors.New("TOKEN_KEY_UNKNOWN")
	case !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), signature):
		return nil, errors.New("TOKEN_SIGNATURE")
	case !json.Valid(payload) || payload[0] != '{':
		return nil, errors.New("TOKEN_MALFORMED")
	case header.Typ != typ:
		return nil, errors.New("TOKEN_CLAIMS")
	}
	return payload, nil
}

// revoked tells whether a genuine revocation list names the license, or its activation on this machine.
func (v Verifier) revoked(c *Claims) bool {
	license, activation := entryID("keyslot-license", c.Lid), entryID("keyslot-activation", c.Lid, c.Machine)
	for _, text := range v.RevocationLists {
		var list struct {
			Iss     string
			Entries [][]any
		}
		payload, err := v.open(text, "keyslot-revocations+jwt")
		if err != nil || json.Unmarshal(payload, &list) != nil || list.Iss != v.Issuer {
			continue
		}
		for _, entry := range list.Entries {
			if len(entry) != 3 || (entry[0] != license && entry[0] != activation) {
				continue
			}
			if stamp, _ := entry[1].(float64); stamp >= c.Stamp {
				return true
			}
		}
	}
	return false
}

func entryID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64url.EncodeToString(sum[:])[:16]
}
