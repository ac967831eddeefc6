"""Articles of the demo clinic's journal: own words, sources given, no medicine named, nothing promised."""

from __future__ import annotations

from typing import Any

from content.seeds.blocks import TO_TOP, consultation, figure, heading, paragraph, takeaways

# File in static/img/art (no ending), and what it shows.
PICTURES = {
    "facial-yoga-hero": "Drawing of a calm face with closed eyes, one half in warm clay and the other in soft green, between two leafy stems",
    "facial-yoga-practice": "Drawing of a face in profile, its outline repeated in fainter and fainter lines",
    "facial-yoga-rest": "Drawing of a face lying at rest like a line of hills, under a pale sun",
}


_ALAM = (
    "Alam M, Walter AJ, Geisler A, et al. Association of Facial Exercise With the Appearance of Aging. "
    "JAMA Dermatology 2018;154(3):365–367."
)
_ALAM_URL = "https://doi.org/10.1001/jamadermatol.2017.5142"

ARTICLES: list[dict[str, Any]] = [
    {
        "title": "Facial Yoga: The Secret to Symmetry?",
        "slug": "facial-yoga-the-secret-to-symmetry",
        "author": "nurse-marina",
        "summary": "Can moving your face make it more even? A little, perhaps, and slowly. Here is what one careful "
        "small study found, what it could not show, and who might enjoy trying.",
        "hero": "facial-yoga-hero",
        "days_ago": 62,
        "updated_days_ago": 9,
        "tags": ["facial exercise", "evidence"],
        "body": [
            paragraph(
                "<p>The short answer: facial exercises may make cheeks a little fuller after months of daily practice. "
                "Nobody has yet shown that they make a face symmetrical. They cost nothing but time, and if you like a "
                "gentle, hands-on routine they are a pleasant one to try.</p>"
            ),
            takeaways(
                "Facial exercises train particular muscles: those that lift the cheeks, hold the jawline and raise the brows.",
                "In a 2018 study, people who kept it up for 20 weeks had fuller cheeks, by a modest amount.",
                "The study was small, had no comparison group, and did not measure symmetry.",
                "Exercise does not change bone and hardly changes where fat sits, so it helps most where a muscle is weak.",
            ),
            heading("The science behind facial exercises"),
            paragraph(
                "<p>More than twenty flat muscles run from the skull to the skin. Like any muscle they can thicken when "
                "they work against resistance. The idea of facial yoga is simple: train the ones that lift, and what "
                "lies over them looks a little fuller and sits a little higher.</p>"
                "<p>In 2018 a team in Chicago put that to the test. Twenty-seven women between 40 and 65 learnt a set of "
                "exercises, did them for half an hour every day for eight weeks, and then every other day until week "
                "20. Doctors who did not know which photograph came first rated the pictures.</p>"
            ),
            {
                "type": "evidence",
                "value": {
                    "title": "What the evidence says",
                    "claims": [
                        {
                            "claim": "Upper and lower cheeks were rated fuller after 20 weeks.",
                            "source": "Alam and others, JAMA Dermatology 2018",
                            "url": _ALAM_URL,
                        },
                        {
                            "claim": "The mean age that raters guessed from photographs fell from 50.8 to 48.1 years.",
                            "source": "Alam and others, JAMA Dermatology 2018",
                            "url": _ALAM_URL,
                        },
                        {
                            "claim": "Of the 27 who began, 16 finished.",
                            "source": "Alam and others, JAMA Dermatology 2018",
                            "url": _ALAM_URL,
                        },
                    ],
                    "limits": "There was no control group, the group was small, and those who stayed to the end were "
                    "the keenest. Symmetry was not measured.",
                },
            },
            paragraph(
                "<p>So this is a promising hint rather than a proof. It tells us that patient people can change their "
                "cheeks a little. It does not tell us whether you would see it in the mirror, or whether one side would "
                "come to match the other.</p>"
            ),
            figure("facial-yoga-practice", "Slow and even: the movement matters more than the effort."),
            heading("What to expect"),
            paragraph(
                "<p>Expect it to be gradual and subtle. Most routines ask for the cheeks (smile with closed lips, lift, "
                "hold, let go), the jawline (tip the head back, reach the lower jaw forward) and the brows (raise them "
                "against the light pressure of your fingertips). Be gentle with the skin: press, do not drag. If a "
                "movement folds your skin sharply, do it less.</p>"
                "<p>Faces are uneven for many reasons. If a muscle on one side is weaker, training it may help. If the "
                "difference lies in bone, teeth or the way fat is spread, exercises will not move it much. And if one "
                "side of your face has changed <b>suddenly</b>, that is not a matter for exercises: call 999.</p>"
                "<p>Treatments in a clinic can act faster and change more. They also carry risks that exercises do not, "
                "which is why they belong in a proper consultation and not in an article.</p>"
            ),
            figure("facial-yoga-rest", "Twenty weeks is a long time. Rest days are part of the plan."),
            {
                "type": "faq",
                "value": {
                    "title": "Questions people ask",
                    "questions": [
                        {
                            "question": "How long before I notice anything?",
                            "answer": "<p>In the study the raters looked at week 8 and week 20. Take a photograph in the "
                            "same light every four weeks; the mirror is a poor judge.</p>",
                        },
                        {
                            "question": "Can it make lines deeper?",
                            "answer": "<p>Nobody has measured that well. Lines form where skin folds, so it makes sense "
                            "to choose movements that lift rather than crease.</p>",
                        },
                    ],
                },
            },
            consultation(
                "If the balance of your face bothers you, come and talk. We look together at where it comes from, and "
                "we’ll tell you if the best answer is to leave it alone."
            ),
            TO_TOP,
        ],
        "sources": [{"text": _ALAM, "url": _ALAM_URL}],
    },
    {
        "title": "Your first consultation, and how to prepare",
        "slug": "your-first-consultation",
        "summary": "What we will ask, what you may ask, and the few things worth bringing. You need not know the name "
        "of any treatment.",
        "hero": "facial-yoga-rest",
        "days_ago": 34,
        "updated_days_ago": 0,
        "tags": ["consultations"],
        "body": [
            takeaways(
                "Bring a list of what you take, including creams and supplements.",
                "Say what bothers you in your own words; finding the options is our work.",
                "You decide nothing on the day. There is at least a day before a first treatment.",
            ),
            heading("What we will ask"),
            paragraph(
                "<p>About your health: allergies, skin conditions, cold sores, medicines, past treatments and how they "
                "went, and whether you are pregnant or breastfeeding. It can feel like a lot of questions for a small "
                "wish. Each one is there because the answer can change what is safe for you.</p>"
                "<p>Then about you: what you see, when it started to bother you, and what you hope will be different. "
                "There is no wrong answer, and “I’m not sure” is a useful one.</p>"
            ),
            heading("What you may want to ask"),
            paragraph(
                "<ul><li>What happens if I do nothing?</li><li>What are the common side effects, and the rare serious "
                "ones?</li><li>Who do I call if something worries me at night?</li><li>How often have you done "
                "this?</li><li>What does it cost in all, and how often would I come back?</li></ul>"
            ),
            heading("On the day"),
            paragraph(
                "<p>Come without make-up if you can, or allow five minutes to take it off. Bring your glasses. Bring a "
                "friend if you like. You need proof of your age if it is your first visit.</p>"
            ),
            {
                "type": "callout",
                "value": {
                    "title": "Put it off for a while if",
                    "text": "<p>you have a fever, a cold sore or an infection of the skin. Move your visit online: it "
                    "costs nothing, and your skin will thank you.</p>",
                    "kind": "pine",
                },
            },
            consultation("Choose a time that leaves you an unhurried hour. The conversation sets the pace."),
            TO_TOP,
        ],
        "sources": [
            {
                "text": "NHS. Before you have a cosmetic procedure.",
                "url": "https://www.nhs.uk/tests-and-treatments/cosmetic-procedures/advice/",
            }
        ],
    },
    {
        "title": "Sunscreen basics: enough, early, and again",
        "slug": "sunscreen-basics",
        "summary": "If you do one thing for your skin, do this one. How much to use, which numbers matter, and the "
        "places everyone misses.",
        "hero": "facial-yoga-practice",
        "days_ago": 18,
        "updated_days_ago": 0,
        "tags": ["skincare", "evidence"],
        "body": [
            takeaways(
                "Look for SPF 30 or more, and at least four stars for UVA.",
                "Most of us put on too little: two finger-lengths are about right for face and neck.",
                "Put it on before you go out, and again every two hours.",
            ),
            heading("What the numbers mean"),
            paragraph(
                "<p>SPF tells you about UVB, the light that burns. The stars tell you how well UVA is covered compared "
                "with UVB; UVA reaches deeper, passes through cloud and window glass, and has much to do with how skin "
                "ages. You want both.</p>"
            ),
            heading("How much is enough"),
            paragraph(
                "<p>The number on the bottle is measured with a thick layer. Squeeze a line along your index and middle "
                "finger: that is about the right amount for face, ears and neck. A thin film of a high number protects "
                "less than a generous layer of a middling one.</p>"
            ),
            heading("The places everyone misses"),
            paragraph(
                "<p>Ears. The back of the neck. Eyelids and the sides of the nose. The parting of your hair. Backs of "
                "hands, which you wash it off. After a peel or microneedling your skin is more easily burnt for a few "
                "weeks, so shade and a hat matter as much as the bottle.</p>"
            ),
            {
                "type": "evidence",
                "value": {
                    "title": "What the evidence says",
                    "claims": [
                        {
                            "claim": "In a trial of 903 adults, those asked to use sunscreen every day showed no "
                            "detectable increase in skin ageing over four and a half years.",
                            "source": "Hughes and others, Annals of Internal Medicine 2013",
                            "url": "https://doi.org/10.7326/0003-4819-158-11-201306040-00002",
                        }
                    ],
                    "limits": "The people were under 55 and lived in sunny Queensland, Australia.",
                },
            },
            TO_TOP,
        ],
        "sources": [
            {
                "text": "Hughes MCB, Williams GM, Baker P, Green AC. Sunscreen and Prevention of Skin Aging: A "
                "Randomized Trial. Annals of Internal Medicine 2013;158(11):781–790.",
                "url": "https://doi.org/10.7326/0003-4819-158-11-201306040-00002",
            },
            {
                "text": "NHS. Sunscreen and sun safety.",
                "url": "https://www.nhs.uk/live-well/seasonal-health/sunscreen-and-sun-safety/",
            },
        ],
    },
    {
        "title": "Register, membership, network: what the letters mean",
        "slug": "what-the-letters-mean",
        "summary": "NMC, JCCP, BACN, RCN, ACE: some of these regulate a nurse, some do not. A two-minute guide to "
        "checking anyone who offers to treat your face.",
        "hero": "facial-yoga-hero",
        "days_ago": 5,
        "updated_days_ago": 0,
        "tags": ["safety", "consultations"],
        "body": [
            takeaways(
                "Only a statutory register, such as the NMC’s for nurses, regulates a professional.",
                "A voluntary register adds standards; a membership gives support and training.",
                "Look the person up yourself, by name, on the register’s own website.",
            ),
            heading("Statutory registers"),
            paragraph(
                "<p>The law says who may call themselves a registered nurse, doctor, dentist or pharmacist, and gives "
                "each a regulator: the Nursing and Midwifery Council (NMC), the General Medical Council, the General "
                "Dental Council and the General Pharmaceutical Council. They can restrict or remove someone. Anyone can "
                "search their registers without paying.</p>"
            ),
            heading("Voluntary registers"),
            paragraph(
                "<p>The Joint Council for Cosmetic Practitioners (JCCP) keeps a register of people in aesthetics who "
                "meet its standards. Joining is a choice, and a good sign; it is not a licence from the state.</p>"
            ),
            heading("Memberships and networks"),
            paragraph(
                "<p>The British Association of Cosmetic Nurses (BACN) and the Royal College of Nursing (RCN) are "
                "professional bodies. The ACE Group shares guidance on handling complications. They help a nurse do "
                "her work well, and none of them regulates her.</p>"
            ),
            heading("How to check someone in two minutes"),
            paragraph(
                "<ol><li>Ask for the full name and the registration number.</li>"
                '<li>Type them into the <a href="https://www.nmc.org.uk/registration/search-the-register/">NMC’s '
                "register</a> or that of the other regulators.</li><li>Read the status: registered, with conditions, or "
                "not.</li><li>If something does not match, ask. A good practitioner will be glad that you did.</li></ol>"
            ),
            consultation("Our profiles name every register and link to it, so that you can check before you come."),
            TO_TOP,
        ],
        "sources": [
            {
                "text": "Nursing and Midwifery Council. Search the register.",
                "url": "https://www.nmc.org.uk/registration/search-the-register/",
            },
            {
                "text": "Professional Standards Authority. Check a practitioner.",
                "url": "https://www.professionalstandards.org.uk/check-practitioners",
            },
        ],
    },
]
