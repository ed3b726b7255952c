"""Verifies an access token as a Python service would: the keys from the issuer, the claims by PyJWT. Prints the claims."""

import json
import sys

import jwt

jwks_uri, issuer, audience, algorithm, token = sys.argv[1:]
try:
    key = jwt.PyJWKClient(jwks_uri).get_signing_key_from_jwt(token)
    required = ["iss", "aud", "sub", "iat", "exp", "jti"]
    claims = jwt.decode(
        token, key.key, algorithms=[algorithm], issuer=issuer, audience=audience, options={"require": required}
    )
    print(json.dumps(claims))
except jwt.PyJWTError as error:
    print(json.dumps({"refused": type(error).__name__}))
