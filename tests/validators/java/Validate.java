import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;

/**
 * Verifies the cases of standard input with the libraries that it was compiled with and prints what each said of each. Knows
 * nothing of what is expected. The form of both texts is described in ../README.md.
 */
public final class Validate {
    /** A library that verifies tokens. */
    interface Library {
        String name();

        /** Group and artifact, as Maven names them. */
        String artifact();

        boolean has(String algorithm);

        /** The claims of a token that the library accepts. */
        JsonObject verify(Test test) throws Exception;

        /** Why the library refused, in the words of ../README.md; null where it did not refuse but failed. */
        String reason(Exception error);
    }

    /** What a library leaves to its caller by its documentation. */
    static final class Refusal extends Exception {
        Refusal(String reason) {
            super(reason);
        }
    }

    /** One case. */
    record Test(JsonObject members) {
        String text(String name) {
            JsonElement value = members.get(name);
            return value == null ? null : value.getAsString();
        }

        boolean isAccessToken() {
            return text("use").equals("access_token");
        }

        byte[] secret() {
            return Base64.getUrlDecoder().decode(text("secret"));
        }
    }

    private Validate() {}

    public static void main(String[] arguments) throws Exception {
        JsonArray tests =
                JsonParser.parseReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).getAsJsonArray();
        JsonArray validators = new JsonArray();
        for (String name : new String[] {"WithNimbus", "WithGoogle"}) {
            Library library;
            try {
                library = (Library) Class.forName(name).getDeclaredConstructor().newInstance();
            } catch (ClassNotFoundException notInstalled) {
                continue;
            }
            validators.add(run(library, tests));
        }
        JsonObject report = new JsonObject();
        report.addProperty("runtime", "Java " + System.getProperty("java.version"));
        report.add("validators", validators);
        System.out.print(report);
    }

    private static JsonObject run(Library library, JsonArray tests) throws IOException {
        JsonArray results = new JsonArray();
        for (JsonElement test : tests) {
            results.add(run(library, new Test(test.getAsJsonObject())));
        }
        JsonObject validator = new JsonObject();
        validator.addProperty("name", library.name());
        validator.addProperty("version", version(library.artifact()));
        validator.add("results", results);
        return validator;
    }

    private static JsonObject run(Library library, Test test) {
        JsonObject result = new JsonObject();
        result.addProperty("name", test.text("name"));
        if (!library.has(test.text("algorithm"))) {
            result.addProperty("outcome", "unsupported");
            return result;
        }
        try {
            result.add("claims", library.verify(test));
            result.addProperty("outcome", "accepted");
        } catch (Exception error) {
            String reason = error instanceof Refusal ? error.getMessage() : library.reason(error);
            result.addProperty("outcome", reason == null ? "failed" : "refused");
            result.addProperty("reason", reason);
            result.addProperty("message", error.toString());
        }
        return result;
    }

    private static String version(String artifact) throws IOException {
        try (InputStream file = Validate.class.getResourceAsStream("/META-INF/maven/" + artifact + "/pom.properties")) {
            Properties properties = new Properties();
            properties.load(file);
            return properties.getProperty("version");
        }
    }
}
