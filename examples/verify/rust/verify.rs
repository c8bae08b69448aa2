//! Verifies keyslot license tokens and .lic files offline. Needs the crates ring, serde_json, data-encoding and chrono.
use std::collections::HashMap;

use chrono::DateTime;
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use ring::{digest, signature};
use serde_json::Value;

const SKEW: f64 = 300.0; // seconds that clocks may be apart
const SPKI: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"; // comes before the 32 bytes of a public key

pub struct Verifier {
    pub keys: HashMap<String, Vec<u8>>,
    pub issuer: String,
    pub product_id: String,
    pub machine: String,
    pub revocation_lists: Vec<String>,
}

/// "valid" or "grace", and the claims; or the code of why not.
pub type Verdict = Result<(&'static str, Value), &'static str>;

/// The pinned keys (32 bytes each) by their kid, which is computed and never read from a JWK.
pub fn trust_store(keys: impl IntoIterator<Item = Vec<u8>>) -> HashMap<String, Vec<u8>> {
    keys.into_iter().map(|key| (BASE64URL.encode(&sha256(&[SPKI, &key].concat())), key)).collect()
}

impl Verifier {
    /// `now` is in Unix seconds.
    pub fn token(&self, token: &str, now: f64) -> Verdict {
        let claims = self.open(token, "JWT")?;
        let text = |name: &str| claims[name].as_str().ok_or("TOKEN_CLAIMS");
        let number = |value: &Value| value.as_f64().ok_or("TOKEN_CLAIMS");
        let license = &claims["license"];
        let (iat, nbf, exp) = (number(&claims["iat"])?, number(&claims["nbf"])?, number(&claims["exp"])?);
        let (stamp, grace) = (number(&claims["stamp"])?, number(&license["graceSeconds"])?);
        let (aud, product, machine, lid) = (text("aud")?, text("productId")?, text("machine")?, text("lid")?);
        if text("type")? != "offline" || text("sub")? != text("key")? {
            return Err("TOKEN_CLAIMS");
        }
        if aud != self.product_id || product != self.product_id {
            return Err("TOKEN_WRONG_PRODUCT");
        }
        // cnf: good only with a key that the client kit holds
        if machine != self.machine || claims.get("cnf").is_some() {
            return Err("TOKEN_WRONG_HOST");
        }
        if self.is_revoked(lid, machine, stamp) {
            return Err("REVOKED");
        }
        if now + SKEW < iat.max(nbf) {
            return Err("TOKEN_NOT_YET_VALID");
        }
        if now - SKEW < exp {
            return Ok(("valid", claims));
        }
        // +: a year above 9999
        let expires_at = license["expiresAt"].as_str().filter(|end| !end.starts_with('+'));
        let license_end = match expires_at.map(DateTime::parse_from_rfc3339) {
            None => f64::INFINITY,
            Some(Ok(end)) => end.timestamp_millis() as f64 / 1000.0,
            Some(Err(_)) => return Err("TOKEN_EXPIRED"),
        };
        if now < license_end.min(exp + grace) {
            return Ok(("grace", claims));
        }
        Err("TOKEN_EXPIRED")
    }

    /// The same, of the text of a .lic file.
    pub fn file(&self, text: &str, now: f64) -> Verdict {
        let file: Value = serde_json::from_str(text).map_err(|_| "LICENSE_FILE_MALFORMED")?;
        let token = file["licenseToken"].as_str().ok_or("LICENSE_FILE_MALFORMED")?;
        let (status, claims) = self.token(token, now)?;
        if claims["key"] != file["signedKey"] {
            return Err("LICENSE_FILE_MALFORMED");
        }
        Ok((status, claims))
    }

    /// The claims of a compact JWS, once a trusted key has signed it.
    fn open(&self, text: &str, typ: &str) -> Result<Value, &'static str> {
        let (head, body, signature) = match text.split('.').collect::<Vec<_>>()[..] {
            [head, body, signature] => (head, body, signature),
            _ => return Err("TOKEN_MALFORMED"),
        };
        let decode = |part: &str| BASE64URL.decode(part.as_bytes()).map_err(|_| "TOKEN_MALFORMED");
        let parse = |json: &[u8]| match serde_json::from_slice(json) {
            Ok(Value::Object(object)) => Ok(Value::Object(object)),
            _ => Err("TOKEN_MALFORMED"),
        };
        let (header, payload, signature) = (parse(&decode(head)?)?, decode(body)?, decode(signature)?);
        if header.get("crit").is_some() {
            return Err("TOKEN_MALFORMED");
        }
        if header["alg"] != "EdDSA" {
            return Err("TOKEN_ALGORITHM");
        }
        let key = header["kid"].as_str().and_then(|kid| self.keys.get(kid)).ok_or("TOKEN_KEY_UNKNOWN")?;
        signature::UnparsedPublicKey::new(&signature::ED25519, key)
            .verify(format!("{head}.{body}").as_bytes(), &signature)
            .map_err(|_| "TOKEN_SIGNATURE")?;
        let claims = parse(&payload)?;
        if header["typ"] != typ || claims["iss"] != self.issuer.as_str() {
            return Err("TOKEN_CLAIMS");
        }
        Ok(claims)
    }

    /// Whether a genuine revocation list names the license, or its activation on this machine.
    fn is_revoked(&self, lid: &str, machine: &str, stamp: f64) -> bool {
        let ids = [format!("keyslot-license\0{lid}"), format!("keyslot-activation\0{lid}\0{machine}")]
            .map(|subject| BASE64URL.encode(&sha256(subject.as_bytes()))[..16].to_owned());
        let lists = self.revocation_lists.iter().filter_map(|list| self.open(list, "keyslot-revocations+jwt").ok());
        let entries = lists.flat_map(|list| list["entries"].as_array().cloned().unwrap_or_default());
        entries.into_iter().any(|entry| ids.iter().any(|id| entry[0] == id.as_str()) && entry[1].as_f64() >= Some(stamp))
    }
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}
