<?php
// Prints the verdict of verify.php on each vector. Usage: php vectors.php VECTORS VERIFY_PHP
require $argv[2];

$vectors = json_decode(file_get_contents($argv[1]), true);

function verdict(string $judge, string $text, array $vector): string
{
    global $vectors;
    $pinned = array_map(fn($name) => $vectors['keys'][$name]['jwk']['x'], $vector['trusted']);
    $expected = [$vector['productId'], $vector['machine'], $vector['revocationLists'], $vectors['issuer']];
    try {
        return (new License\Verifier($pinned, ...$expected))->$judge($text, $vector['now'])[0];
    } catch (License\Refused $refused) {
        return $refused->getMessage();
    }
}

foreach ($vectors['licenseTokens'] as $vector) {
    echo verdict('token', $vector['token'], $vector), "\n";
}
foreach ($vectors['licenseFiles'] as $vector) {
    echo verdict('file', $vector['file'], $vector), "\n";
}
