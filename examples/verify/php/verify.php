<?php
// Verifies keyslot license tokens and .lic files offline. Needs the extension "sodium", which PHP comes with.
namespace License;

const SKEW = 300; // seconds that clocks may be apart

/** Its message is the code of why not. */
final class Refused extends \Exception {}

final class Verifier
{
    private array $keys = [];

    /** @param string[] $pinned the "x" of each pinned JWK. Its kid is computed, and never read from a JWK. */
    public function __construct(
        array $pinned,
        private string $productId,
        private string $machine,
        private array $revocationLists = [],
        private string $issuer = 'keyslot',
    ) {
        foreach ($pinned as $x) {
            $spki = hex2bin('302a300506032b6570032100') . self::decode($x);
            $this->keys[self::encode(hash('sha256', $spki, true))] = substr($spki, -32);
        }
    }

    /** @return array{string, object} "valid" or "grace", and the claims. @param float $now Unix seconds */
    public function token(string $token, float $now): array
    {
        $claims = $this->open($token, 'JWT');
        $license = $claims->license ?? null;
        $isNumber = fn($value) => is_int($value) || is_float($value);
        foreach (['aud', 'productId', 'key', 'machine', 'lid'] as $name) {
            is_string($claims->$name ?? null) || throw new Refused('TOKEN_CLAIMS');
        }
        foreach (['iat', 'nbf', 'exp', 'stamp'] as $name) {
            $isNumber($claims->$name ?? null) || throw new Refused('TOKEN_CLAIMS');
        }
        $isGrant = is_object($license) && $isNumber($license->graceSeconds ?? null);
        $isOffline = ($claims->type ?? null) === 'offline' && ($claims->sub ?? null) === $claims->key;
        $isGrant && $isOffline || throw new Refused('TOKEN_CLAIMS');
        $isProduct = $claims->aud === $this->productId && $claims->productId === $this->productId;
        $isProduct || throw new Refused('TOKEN_WRONG_PRODUCT');
        // cnf: good only with a key that the client kit holds
        $isHost = $claims->machine === $this->machine && !isset($claims->cnf);
        $isHost || throw new Refused('TOKEN_WRONG_HOST');
        $this->isRevoked($claims) && throw new Refused('REVOKED');
        $now + SKEW >= max($claims->iat, $claims->nbf) || throw new Refused('TOKEN_NOT_YET_VALID');
        if ($now - SKEW < $claims->exp) {
            return ['valid', $claims];
        }
        $expiresAt = $license->expiresAt ?? '+';
        $isEndless = str_starts_with($expiresAt, '+'); // +: a year above 9999
        $end = $isEndless ? INF : (float) (new \DateTime($expiresAt))->format('U.u');
        $now < min($claims->exp + $license->graceSeconds, $end) || throw new Refused('TOKEN_EXPIRED');
        return ['grace', $claims];
    }

    /** The same, of the text of a .lic file. */
    public function file(string $text, float $now): array
    {
        $file = json_decode($text);
        $isFile = is_object($file) && is_string($file->licenseToken ?? null);
        $isFile || throw new Refused('LICENSE_FILE_MALFORMED');
        [$status, $claims] = $this->token($file->licenseToken, $now);
        $claims->key === ($file->signedKey ?? null) || throw new Refused('LICENSE_FILE_MALFORMED');
        return [$status, $claims];
    }

    /** The claims of a compact JWS, once a trusted key has signed it. */
    private function open(string $text, string $typ): object
    {
        $parts = explode('.', $text);
        count($parts) === 3 || throw new Refused('TOKEN_MALFORMED');
        try {
            [$head, $payload, $signature] = array_map(self::decode(...), $parts);
        } catch (\SodiumException) {
            throw new Refused('TOKEN_MALFORMED');
        }
        $header = json_decode($head);
        is_object($header) && !isset($header->crit) || throw new Refused('TOKEN_MALFORMED');
        ($header->alg ?? null) === 'EdDSA' || throw new Refused('TOKEN_ALGORITHM');
        $kid = $header->kid ?? null;
        $key = is_string($kid) ? $this->keys[$kid] ?? null : null;
        $key !== null || throw new Refused('TOKEN_KEY_UNKNOWN');
        $isSigned = strlen($signature) === SODIUM_CRYPTO_SIGN_BYTES
            && sodium_crypto_sign_verify_detached($signature, "$parts[0].$parts[1]", $key);
        $isSigned || throw new Refused('TOKEN_SIGNATURE');
        $claims = json_decode($payload);
        is_object($claims) || throw new Refused('TOKEN_MALFORMED');
        $isOurs = ($header->typ ?? null) === $typ && ($claims->iss ?? null) === $this->issuer;
        $isOurs || throw new Refused('TOKEN_CLAIMS');
        return $claims;
    }

    /** Whether a genuine revocation list names the license, or its activation on this machine. */
    private function isRevoked(object $claims): bool
    {
        $idOf = fn(string ...$parts) => substr(self::encode(hash('sha256', implode("\0", $parts), true)), 0, 16);
        $ids = [$idOf('keyslot-license', $claims->lid), $idOf('keyslot-activation', $claims->lid, $claims->machine)];
        foreach ($this->revocationLists as $list) {
            try {
                $entries = $this->open($list, 'keyslot-revocations+jwt')->entries;
            } catch (Refused) {
                continue;
            }
            foreach ($entries as [$id, $stamp]) {
                if (in_array($id, $ids, true) && $stamp >= $claims->stamp) {
                    return true;
                }
            }
        }
        return false;
    }

    private static function encode(string $bytes): string
    {
        return sodium_bin2base64($bytes, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING);
    }

    private static function decode(string $text): string
    {
        return sodium_base642bin($text, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING);
    }
}
