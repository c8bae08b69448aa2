# Prints the verdict of verify.py on each vector. Usage: python3 vectors.py VECTORS FOLDER_OF_VERIFY_PY
import json
import sys

sys.path.insert(0, sys.argv[2])
import verify  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    vectors = json.load(file)


def verdict(judge, text, vector):
    keys = verify.trust_store([vectors["keys"][name]["jwk"] for name in vector["trusted"]])
    expected = [keys, vector["productId"], vector["machine"], vector["now"]]
    try:
        return judge(text, *expected, lists=vector["revocationLists"], issuer=vectors["issuer"])[0]
    except verify.Refused as refused:
        return str(refused)


for vector in vectors["licenseTokens"]:
    print(verdict(verify.verify_token, vector["token"], vector))
for vector in vectors["licenseFiles"]:
    print(verdict(verify.verify_file, vector["file"], vector))
