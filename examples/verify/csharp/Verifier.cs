// Verifies keyslot license tokens and .lic files offline. Needs the package NSec.Cryptography.
// Not run: no .NET was at hand. Try it on the test vectors before you ship it.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NSec.Cryptography;

namespace License;

/// <summary>Its message is the code of why not.</summary>
public sealed class Refused(string code) : Exception(code);

/// <param name="pinned">The "x" of each pinned JWK. Its kid is computed, and never read from a JWK.</param>
public sealed class Verifier(
    IEnumerable<string> pinned, string productId, string machine,
    IReadOnlyList<string>? revocationLists = null, string issuer = "keyslot")
{
    const double Skew = 300; // seconds that clocks may be apart
    static readonly byte[] Spki = Convert.FromHexString("302a300506032b6570032100");
    readonly Dictionary<string, byte[]> keys =
        pinned.Select(Decode).ToDictionary(raw => Encode(SHA256.HashData([.. Spki, .. raw])));

    /// <summary>"valid" or "grace", and the claims. <paramref name="now"/> is in Unix seconds.</summary>
    public (string Status, JsonObject Claims) Token(string token, double now)
    {
        var claims = Open(token, "JWT");
        var license = claims["license"] as JsonObject;
        string[] texts = ["aud", "productId", "key", "machine", "lid"];
        string[] numbers = ["iat", "nbf", "exp", "stamp"];
        Require(texts.All(name => Text(claims[name]) is not null), "TOKEN_CLAIMS");
        Require(numbers.All(name => Number(claims[name]) is not null), "TOKEN_CLAIMS");
        Require(Number(license?["graceSeconds"]) is not null, "TOKEN_CLAIMS");
        Require(Text(claims["type"]) == "offline" && Text(claims["sub"]) == Text(claims["key"]), "TOKEN_CLAIMS");
        Require(Text(claims["aud"]) == productId && Text(claims["productId"]) == productId, "TOKEN_WRONG_PRODUCT");
        // cnf: good only with a key that the client kit holds
        Require(Text(claims["machine"]) == machine && claims["cnf"] is null, "TOKEN_WRONG_HOST");
        Require(!IsRevoked(claims), "REVOKED");
        double At(string name) => Number(claims[name])!.Value;
        Require(now + Skew >= Math.Max(At("iat"), At("nbf")), "TOKEN_NOT_YET_VALID");
        if (now - Skew < At("exp")) return ("valid", claims);
        var end = At("exp") + Number(license!["graceSeconds"])!.Value;
        if (Text(license["expiresAt"]) is { } expiresAt && !expiresAt.StartsWith('+')) // +: a year above 9999
        {
            Require(DateTimeOffset.TryParse(expiresAt, CultureInfo.InvariantCulture, out var date), "TOKEN_EXPIRED");
            end = Math.Min(end, date.ToUnixTimeMilliseconds() / 1000.0);
        }
        Require(now < end, "TOKEN_EXPIRED");
        return ("grace", claims);
    }

    /// <summary>The same, of the text of a .lic file.</summary>
    public (string Status, JsonObject Claims) File(string text, double now)
    {
        var file = Parse(text);
        Require(Text(file?["licenseToken"]) is not null, "LICENSE_FILE_MALFORMED");
        var (status, claims) = Token(Text(file!["licenseToken"])!, now);
        Require(Text(claims["key"]) == Text(file["signedKey"]), "LICENSE_FILE_MALFORMED");
        return (status, claims);
    }

    /// <summary>The claims of a compact JWS, once a trusted key has signed it.</summary>
    JsonObject Open(string text, string typ)
    {
        var parts = text.Split('.');
        Require(parts.Length == 3, "TOKEN_MALFORMED");
        byte[][] bytes;
        try { bytes = [.. parts.Select(Decode)]; }
        catch (FormatException) { throw new Refused("TOKEN_MALFORMED"); }
        var header = Parse(Encoding.UTF8.GetString(bytes[0]));
        Require(header is not null && header["crit"] is null, "TOKEN_MALFORMED");
        Require(Text(header!["alg"]) == "EdDSA", "TOKEN_ALGORITHM");
        Require(keys.TryGetValue(Text(header["kid"]) ?? "", out var raw), "TOKEN_KEY_UNKNOWN");
        var key = PublicKey.Import(SignatureAlgorithm.Ed25519, raw!, KeyBlobFormat.RawPublicKey);
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        Require(SignatureAlgorithm.Ed25519.Verify(key, signed, bytes[2]), "TOKEN_SIGNATURE");
        var claims = Parse(Encoding.UTF8.GetString(bytes[1]));
        Require(claims is not null, "TOKEN_MALFORMED");
        Require(Text(header["typ"]) == typ && Text(claims!["iss"]) == issuer, "TOKEN_CLAIMS");
        return claims!;
    }

    /// <summary>Whether a genuine revocation list names the license, or its activation on this machine.</summary>
    bool IsRevoked(JsonObject claims)
    {
        string IdOf(params string[] parts) =>
            Encode(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))))[..16];
        var lid = Text(claims["lid"])!;
        string[] ids = [IdOf("keyslot-license", lid), IdOf("keyslot-activation", lid, machine)];
        foreach (var list in revocationLists ?? [])
        {
            JsonObject opened;
            try { opened = Open(list, "keyslot-revocations+jwt"); }
            catch (Refused) { continue; }
            foreach (var entry in opened["entries"]!.AsArray())
                if (ids.Contains(Text(entry![0])) && Number(entry[1]) >= Number(claims["stamp"])) return true;
        }
        return false;
    }

    static void Require(bool condition, string code)
    {
        if (!condition) throw new Refused(code);
    }

    static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    static JsonObject? Parse(string text)
    {
        try { return JsonNode.Parse(text) as JsonObject; }
        catch (System.Text.Json.JsonException) { return null; }
    }

    static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    static byte[] Decode(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = Convert.FromBase64String(padded);
        return Encode(bytes) == text ? bytes : throw new FormatException("another spelling of the same bytes");
    }
}
