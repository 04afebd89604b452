import com.google.api.client.auth.openidconnect.IdToken;
import com.google.api.client.auth.openidconnect.IdTokenVerifier;
import com.google.api.client.json.gson.GsonFactory;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Google OAuth Client Library for Java: its verifier of ID tokens, which looks at access tokens in the same way. */
public final class WithGoogle implements Validate.Library {
    private static final Logger LOGGER = Logger.getLogger(IdTokenVerifier.class.getName());

    private final Map<String, IdTokenVerifier> verifiers = new HashMap<>();
    /** The verifier says only yes or no; why a signature is not accepted it tells its log. */
    private Throwable logged;

    public WithGoogle() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged = entry.getThrown();
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }

    @Override
    public String name() {
        return "google-oauth-client";
    }

    @Override
    public String artifact() {
        return "com.google.oauth-client/google-oauth-client";
    }

    @Override
    public boolean has(String algorithm) {
        return Set.of("RS256", "ES256").contains(algorithm);
    }

    @Override
    public JsonObject verify(Validate.Test test) throws Exception {
        List<String> issuer = List.of(test.text("issuer"));
        List<String> audience = List.of(test.text("audience"));
        // One for each receiver, so that the key set is fetched once.
        IdTokenVerifier verifier = verifiers.computeIfAbsent(
                String.join(" ", issuer.get(0), audience.get(0), test.text("jwks")),
                key -> new IdTokenVerifier.Builder()
                        .setIssuers(issuer)
                        .setAudience(audience)
                        .setCertificatesLocation(test.text("jwks"))
                        .setAcceptableTimeSkewSeconds(0)
                        .build());
        IdToken token = IdToken.parse(GsonFactory.getDefaultInstance(), test.text("token"));
        logged = null;
        if (!verifier.verify(token)) {
            throw new Validate.Refusal(reason(token, issuer, audience));
        }
        String type = token.getHeader().getType();
        if (test.isAccessToken() && !"at+jwt".equalsIgnoreCase(type) && !"application/at+jwt".equalsIgnoreCase(type)) {
            throw new Validate.Refusal("type");
        }
        String nonce = test.text("nonce");
        if (nonce != null && !nonce.equals(token.getPayload().getNonce())) {
            throw new Validate.Refusal("nonce");
        }
        return JsonParser.parseString(GsonFactory.getDefaultInstance().toString(token.getPayload())).getAsJsonObject();
    }

    private String reason(IdToken token, List<String> issuer, List<String> audience) {
        if (!token.verifyIssuer(issuer)) {
            return "issuer";
        }
        if (!token.verifyAudience(audience)) {
            return "audience";
        }
        if (!token.verifyTime(System.currentTimeMillis(), 0)) {
            return "expired";
        }
        boolean isUnknown = logged != null && logged.getMessage().startsWith("Could not find public key");
        return isUnknown ? "key" : "signature";
    }

    @Override
    public String reason(Exception error) {
        return null;
    }
}
