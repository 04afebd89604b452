//! What proofs use of requests and policies, one by one: the table behind "these cannot hold together".
//!
//! A policy is always judged with all of them. A test may leave one out: then some finding must be wrong or missing, or
//! nothing would show that the lemma is right.

macro_rules! lemmas {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A lemma.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Lemma {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Lemma {
            /// All lemmas.
            pub const ALL: &[Lemma] = &[$(Lemma::$name),+];
        }
    };
}

lemmas! {
    // The catalog.
    /// A request has one grant.
    OneGrant,
    /// A request comes from one client.
    OneClient,
    /// A client uses the grants that claims.yaml lists for it.
    GrantsOfClient,
    /// A client asks for the audiences that claims.yaml lists for it.
    AudiencesOfClient,
    /// A client that no condition mentions has its grants and its audiences together.
    OneAmongOthers,
    /// No client that is not listed asks where the list is closed.
    ListedClients,
    /// Whether there is no audience, one or several follows from which there are.
    CountedAudiences,
    /// Several audiences are those of a set.
    AudienceSets,
    /// A token has scopes that its audience lists.
    ScopesOfAudience,
    /// What claims.yaml states about each client is its value.
    ClientAttributes,
    /// What claims.yaml states about constants is their value.
    Constants,
    // Grants.
    /// A grant comes with a user, or without one.
    UserOfGrant,
    /// `grant in login` is a sign-in or the refresh of one.
    Login,
    /// A refresh is for audiences that the first grant was for.
    FirstAudience,
    // Statements.
    /// A branch is taken where no branch before it is.
    EarlierBranches,
    /// A statement does not act where its `unless` is true.
    Exceptions,
    /// With `delegation: explicit`, a write that does not mention the actor reaches no delegate.
    Delegation,
    /// What a `deny` refuses has no token.
    Denials,
    /// A stronger write beats a weaker one.
    Levels,
    /// A removed claim is in no token.
    Removals,
    /// Two writes of one value get on.
    EqualValues,
    /// The audience is what `set audience` says.
    SetAudience,
    /// The scopes are what scope statements leave.
    FinalScopes,
    // Expressions.
    /// What reads a user who is missing is neither true nor false.
    MissingUser,
    /// What is optional may be absent.
    Absence,
    /// A source of external data that failed has no value.
    Failures,
    /// A value is that of the branch that is taken, of the arm that fits, of the first operand of `??` that is there.
    Choices,
    /// A look-up in a table gives the row of its keys.
    Rows,
    /// Sums and differences are added up.
    Sums,
    /// Two attributes of which one has few values are equal where both have the same.
    FewValues,
    // Texts.
    /// A text equals one constant.
    TextEquals,
    /// A text starts with what it starts with.
    TextStart,
    /// A text ends with what it ends with.
    TextEnd,
    /// A text contains what it contains.
    TextPart,
    /// A text is of the language of a regular expression, or not.
    TextPattern,
    /// A text has one length.
    TextLength,
    /// What is taken from a text follows from the text.
    TextSteps,
    /// Letters in another case are the same letters where case plays no role.
    TextCase,
    /// A text is one of the words of its enumeration.
    TextWords,
    /// A text is no longer than claims.yaml says.
    LongestText,
    // Numbers.
    /// Comparisons of a number with a fraction agree with some number.
    Fractions,
    /// Comparisons of a whole number with constants agree with some number.
    Bounds,
    /// Comparisons of two whole numbers agree with some numbers.
    Differences,
    /// A number is in the range that claims.yaml gives.
    Ranges,
    // Lists.
    /// An element that is asked for can be one of the list.
    Elements,
    /// A list has one length.
    ListLength,
    /// A list is no longer than claims.yaml says.
    LongestList,
}
