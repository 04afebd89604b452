import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Nimbus JOSE+JWT, which Spring Security's resource server verifies tokens with. */
public final class WithNimbus implements Validate.Library {
    private static final Set<String> AT_API = Set.of("sub", "iat", "exp", "jti", "client_id");
    private static final Set<String> AT_CLIENT = Set.of("sub", "iat", "exp");

    private final Map<String, JWKSource<SecurityContext>> sources = new HashMap<>();

    @Override
    public String name() {
        return "nimbus-jose-jwt";
    }

    @Override
    public String artifact() {
        return "com.nimbusds/nimbus-jose-jwt";
    }

    @Override
    public boolean has(String algorithm) {
        // Its processor selects no keys of type OKP.
        return !algorithm.equals("EdDSA");
    }

    @Override
    public JsonObject verify(Validate.Test test) throws Exception {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(
                new JWSVerificationKeySelector<>(JWSAlgorithm.parse(test.text("algorithm")), source(test)));
        JOSEObjectType type = test.isAccessToken() ? new JOSEObjectType("at+jwt") : JOSEObjectType.JWT;
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(type));
        JWTClaimsSet.Builder exact = new JWTClaimsSet.Builder().issuer(test.text("issuer"));
        if (test.text("nonce") != null) {
            exact.claim("nonce", test.text("nonce"));
        }
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                test.text("audience"), exact.build(), test.isAccessToken() ? AT_API : AT_CLIENT));
        JWTClaimsSet claims = processor.process(test.text("token"), null);
        return JsonParser.parseString(JSONObjectUtils.toJSONString(claims.toJSONObject())).getAsJsonObject();
    }

    private JWKSource<SecurityContext> source(Validate.Test test) throws Exception {
        if (test.text("secret") != null) {
            return new ImmutableSecret<>(test.secret());
        }
        JWKSource<SecurityContext> source = sources.get(test.text("jwks"));
        if (source == null) {
            // A real API asks for a key set again at most every half minute; here keys are unknown more often.
            source = JWKSourceBuilder.create(URI.create(test.text("jwks")).toURL()).rateLimited(false).build();
            sources.put(test.text("jwks"), source);
        }
        return source;
    }

    @Override
    public String reason(Exception error) {
        String message = String.valueOf(error.getMessage());
        if (error instanceof ExpiredJWTException) {
            return "expired";
        } else if (error instanceof BadJWSException) {
            return "signature";
        } else if (!(error instanceof BadJOSEException)) {
            return null;
        } else if (message.startsWith("JWT aud")) {
            return "audience";
        } else if (message.startsWith("JWT iss")) {
            return "issuer";
        } else if (message.startsWith("JWT nonce")) {
            return "nonce";
        } else if (message.startsWith("JOSE header typ")) {
            return "type";
        } else if (message.contains("no matching key(s) found")) {
            return "key";
        }
        return null;
    }
}
