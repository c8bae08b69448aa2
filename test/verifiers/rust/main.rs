//! Prints the verdict of verify.rs on each vector. Usage: vectors VECTORS
mod verify;

use data_encoding::BASE64URL_NOPAD as BASE64URL;
use serde_json::Value;
use verify::{trust_store, Verdict, Verifier};

fn main() {
    let path = std::env::args().nth(1).expect("the path of the vectors");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("vectors")).expect("JSON");
    let tell = |section: &str, judge: fn(&Verifier, &Value, f64) -> Verdict| {
        for vector in vectors[section].as_array().expect("a list") {
            let now = vector["now"].as_f64().expect("a number");
            println!("{}", judge(&verifier(&vectors, vector), vector, now).map_or_else(|code| code, |(status, _)| status));
        }
    };
    tell("licenseTokens", |verifier, vector, now| verifier.token(&text(&vector["token"]), now));
    tell("licenseFiles", |verifier, vector, now| verifier.file(&text(&vector["file"]), now));
}

fn verifier(vectors: &Value, vector: &Value) -> Verifier {
    let texts = |value: &Value| value.as_array().expect("a list").iter().map(text).collect::<Vec<_>>();
    let raw = |name: String| BASE64URL.decode(text(&vectors["keys"][name]["jwk"]["x"]).as_bytes()).expect("base64url");
    Verifier {
        keys: trust_store(texts(&vector["trusted"]).into_iter().map(raw)),
        issuer: text(&vectors["issuer"]),
        product_id: text(&vector["productId"]),
        machine: text(&vector["machine"]),
        revocation_lists: texts(&vector["revocationLists"]),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
