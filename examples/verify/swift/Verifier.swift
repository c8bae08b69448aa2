// Verifies keyslot license tokens and .lic files offline, by CryptoKit.
// Not run: no Swift was at hand. Try it on the test vectors before you ship it.
import CryptoKit
import Foundation

/// The code of why not.
struct Refused: Error { let code: String }

struct Verifier {
    typealias Object = [String: Any]
    static let skew = 300.0  // seconds that clocks may be apart
    static let spki = Data([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00])

    let keys: [String: Curve25519.Signing.PublicKey]
    let productId: String
    let machine: String
    let revocationLists: [String]
    let issuer: String

    /// - Parameter pinned: the "x" of each pinned JWK. Its kid is computed, and never read from a JWK.
    init(pinned: [String], productId: String, machine: String, revocationLists: [String] = [], issuer: String = "keyslot") throws {
        var keys: [String: Curve25519.Signing.PublicKey] = [:]
        for x in pinned {
            guard let raw = Self.decode(x) else { throw Refused(code: "TOKEN_MALFORMED") }
            keys[Self.sha256(Self.spki + raw)] = try Curve25519.Signing.PublicKey(rawRepresentation: raw)
        }
        self.keys = keys
        self.productId = productId
        self.machine = machine
        self.revocationLists = revocationLists
        self.issuer = issuer
    }

    /// "valid" or "grace", and the claims. `now` is in Unix seconds.
    func token(_ token: String, now: Double) throws -> (String, Object) {
        let claims = try open(token, typ: "JWT")
        guard let aud = claims["aud"] as? String, let product = claims["productId"] as? String,
            let key = claims["key"] as? String, let host = claims["machine"] as? String,
            let lid = claims["lid"] as? String, let stamp = claims["stamp"] as? Double,
            let iat = claims["iat"] as? Double, let nbf = claims["nbf"] as? Double, let exp = claims["exp"] as? Double,
            let license = claims["license"] as? Object, let graceSeconds = license["graceSeconds"] as? Double,
            claims["type"] as? String == "offline", claims["sub"] as? String == key
        else { throw Refused(code: "TOKEN_CLAIMS") }
        guard aud == productId, product == productId else { throw Refused(code: "TOKEN_WRONG_PRODUCT") }
        // cnf: good only with a key that the client kit holds
        guard host == machine, claims["cnf"] == nil else { throw Refused(code: "TOKEN_WRONG_HOST") }
        guard !isRevoked(lid, stamp) else { throw Refused(code: "REVOKED") }
        guard now + Self.skew >= max(iat, nbf) else { throw Refused(code: "TOKEN_NOT_YET_VALID") }
        if now - Self.skew < exp { return ("valid", claims) }
        var end = exp + graceSeconds
        if let expiresAt = license["expiresAt"] as? String, !expiresAt.hasPrefix("+") {  // +: a year above 9999
            let format = ISO8601DateFormatter()
            format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
            guard let date = format.date(from: expiresAt) else { throw Refused(code: "TOKEN_EXPIRED") }
            end = min(end, date.timeIntervalSince1970)
        }
        guard now < end else { throw Refused(code: "TOKEN_EXPIRED") }
        return ("grace", claims)
    }

    /// The same, of the text of a .lic file.
    func file(_ text: String, now: Double) throws -> (String, Object) {
        guard let file = Self.parse(Data(text.utf8)), let licenseToken = file["licenseToken"] as? String,
            let signedKey = file["signedKey"] as? String
        else { throw Refused(code: "LICENSE_FILE_MALFORMED") }
        let (status, claims) = try token(licenseToken, now: now)
        guard claims["key"] as? String == signedKey else { throw Refused(code: "LICENSE_FILE_MALFORMED") }
        return (status, claims)
    }

    /// The claims of a compact JWS, once a trusted key has signed it.
    private func open(_ text: String, typ: String) throws -> Object {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let head = Self.decode(parts[0]), let payload = Self.decode(parts[1]),
            let signature = Self.decode(parts[2]), let header = Self.parse(head), header["crit"] == nil
        else { throw Refused(code: "TOKEN_MALFORMED") }
        guard header["alg"] as? String == "EdDSA" else { throw Refused(code: "TOKEN_ALGORITHM") }
        guard let kid = header["kid"] as? String, let key = keys[kid] else { throw Refused(code: "TOKEN_KEY_UNKNOWN") }
        guard key.isValidSignature(signature, for: Data("\(parts[0]).\(parts[1])".utf8)) else {
            throw Refused(code: "TOKEN_SIGNATURE")
        }
        guard let claims = Self.parse(payload) else { throw Refused(code: "TOKEN_MALFORMED") }
        guard header["typ"] as? String == typ, claims["iss"] as? String == issuer else { throw Refused(code: "TOKEN_CLAIMS") }
        return claims
    }

    /// Whether a genuine revocation list names the license, or its activation on this machine.
    private func isRevoked(_ lid: String, _ stamp: Double) -> Bool {
        let subjects = ["keyslot-license\0\(lid)", "keyslot-activation\0\(lid)\0\(machine)"]
        let ids = subjects.map { String(Self.sha256(Data($0.utf8)).prefix(16)) }
        return revocationLists.contains { list in
            let entries = (try? open(list, typ: "keyslot-revocations+jwt"))?["entries"] as? [[Any]] ?? []
            return entries.contains { entry in
                guard entry.count == 3, let id = entry[0] as? String, let until = entry[1] as? Double else { return false }
                return ids.contains(id) && until >= stamp
            }
        }
    }

    private static func parse(_ data: Data) -> Object? {
        try? JSONSerialization.jsonObject(with: data) as? Object
    }

    private static func sha256(_ data: Data) -> String {
        encode(Data(SHA256.hash(data: data)))
    }

    private static func encode(_ data: Data) -> String {
        let text = data.base64EncodedString().replacingOccurrences(of: "=", with: "")
        return text.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
    }

    /// Nil for another spelling of the same bytes, too.
    private static func decode(_ text: String) -> Data? {
        let base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64 + padding), encode(data) == text else { return nil }
        return data
    }
}
